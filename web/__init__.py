"""What people touch: realtime, pages and the desk."""
