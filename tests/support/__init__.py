"""What tests share: samples, judges, servers, an independent reference, fabricated extracts."""
