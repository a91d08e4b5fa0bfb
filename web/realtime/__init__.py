"""The websocket process: Socket.IO events and the message pipeline, nothing else."""
