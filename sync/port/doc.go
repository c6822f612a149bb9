// Package port defines what the engine needs from its surroundings: a Source is one directory, a
// Target one cloud, and a Store the durable state, made of small interfaces by role. A function
// that needs one role takes that one.
//
// Start reading at Source and Target. The suites that every implementation passes are in
// sync/synctest.
package port
