"""Where the packaged programs begin: worker processes first, then the command line, which opens the window when asked to."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()
    from inspector.cli import main

    sys.exit(main())
