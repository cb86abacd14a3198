"""The municipal side: queue, procedures, documents, and the pages of kiosk and desk."""
