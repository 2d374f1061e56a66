"""An independent oracle of the metrics: plain Python over `raw.*`, compared with every table the models build."""
