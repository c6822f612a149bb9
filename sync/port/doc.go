// Package port says what the engine asks of its surroundings: a Source is one directory, a Target one
// cloud, and a Store the durable state, made of small interfaces by role. A function that needs one
// role asks for that one.
//
// Start reading at Source and Target. The suites that every implementation passes stand in
// sync/synctest.
package port
