// Package fileperm refuses files that another account could have written: the state, the
// configuration, the lock and plans decide what becomes of thousands of accounts.
//
// Start reading at Check.
package fileperm
