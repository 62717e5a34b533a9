"""What a practice has done for the early diagnosis of cancer, as evidence for the Quality and Outcomes Framework."""
