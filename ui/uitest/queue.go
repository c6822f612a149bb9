package uitest

import "dirbridge/sync/control"

// QueueCount counts the accounts in a purge queue.
func QueueCount(queue []control.Queued) (n control.QueueCount) {
	for _, q := range queue {
		n.Waiting++
		if q.Held() {
			n.Held++
		} else if q.Overdue {
			n.Overdue++
		}
	}
	return n
}
