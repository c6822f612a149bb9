// Package purge plans the removal of what has waited for longer than the grace period (P6). Start
// reading at Due; purgeclock.go distrusts the clock.
package purge
