package sync

import ()
