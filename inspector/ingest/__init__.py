"""Reading in worker processes: paths to segments of the event table, surviving whatever the files hold."""
