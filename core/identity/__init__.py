"""Who is who: people, directories, sessions, officers and what each of them may do."""
