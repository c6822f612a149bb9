// Package stage is what the stages of a run share: Env holds the ports, the policy, the mapping of
// each directory and what was found of both sides when the run connected.
//
// Start reading at Env.
package stage
