"""Search for employees, in their own conversations: a second blind index, under chat keys."""
