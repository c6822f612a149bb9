// Package stage holds what the stages of a run share. Env has the ports, the policy, the mapping of
// each directory and what the run found on both sides when it connected.
//
// Start reading at Env.
package stage
