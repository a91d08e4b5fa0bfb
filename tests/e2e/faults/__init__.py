"""What a house survives, under load: its processes killed, its servers in trouble, its disk full, its clock wrong."""
