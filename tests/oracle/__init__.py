"""An independent oracle of the metrics: plain Python over `raw.*`, compared with what the models build."""
