"""The same models on Apache Spark: staged events go to a lake of Parquet, finished tables come back."""
