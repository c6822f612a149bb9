// Package explain describes what a plan does with one person or group, and why. Start reading
// at New; the stages are those of every plan.
package explain
