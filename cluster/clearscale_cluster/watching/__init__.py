"""What is written down about work: records of passes and workers, metrics, spans, reports."""
