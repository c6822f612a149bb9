package ldap

import (
	"errors"
	"fmt"

	goldap "github.com/go-ldap/ldap/v3"
)

// syncState is the content of a Sync State Control (RFC 4533 section 2.3).
type syncState struct {
	state  byte
	uuid   [16]byte
	cookie []byte // nil if absent
}

// The states of an entry.
const (
	statePresent = 0
	stateAdd     = 1
	stateModify  = 2
	stateDelete  = 3
)

// syncStateOf finds and decodes the Sync State Control among the controls of an entry.
func syncStateOf(controls []byte) (s syncState, err error) {
	for len(controls) > 0 {
		var one []byte
		if one, controls, err = expect(controls, tagSequence, "control"); err != nil {
			return s, err
		}
		oid, one, err := expect(one, tagOctets, "control type")
		if err != nil {
			return s, err
		}
		if string(oid) != goldap.ControlTypeSyncState {
			continue
		}
		if len(one) > 0 && one[0] == tagBoolean {
			if _, one, err = expect(one, tagBoolean, "criticality"); err != nil {
				return s, err
			}
		}
		value, _, err := expect(one, tagOctets, "sync state")
		if err != nil {
			return s, err
		}
		return decodeSyncState(value)
	}
	return s, errors.New("an entry without sync state")
}

func decodeSyncState(value []byte) (s syncState, err error) {
	body, rest, err := expect(value, tagSequence, "sync state")
	if err != nil {
		return s, err
	}
	state, body, err := expect(body, tagEnumerated, "state")
	if err != nil {
		return s, err
	}
	uuid, body, err := expect(body, tagOctets, "entryUUID")
	if err != nil {
		return s, err
	}
	if len(rest) > 0 || len(state) != 1 || state[0] > stateDelete || len(uuid) != 16 {
		return s, errors.New("a sync state that RFC 4533 does not know")
	}
	s.state = state[0]
	copy(s.uuid[:], uuid)
	if len(body) > 0 {
		if s.cookie, body, err = expect(body, tagOctets, "cookie"); err != nil {
			return s, err
		}
	}
	if len(body) > 0 {
		return s, errors.New("sync state: bytes after its end")
	}
	return s, nil
}

// syncInfo is the content of a Sync Info Message (RFC 4533 section 2.5).
type syncInfo struct {
	kind   byte   // one of the tags below
	cookie []byte // nil if absent
	done   bool   // of refreshDelete and refreshPresent
	// For syncIdSet: the objects with these UUIDs are deleted, or still exist.
	deletes bool
	uuids   [][16]byte
}

// The kinds of a Sync Info Message.
const (
	infoCookie  = 0x80
	infoDelete  = 0xa1
	infoPresent = 0xa2
	infoIDSet   = 0xa3
)

// decodeSyncInfo decodes an intermediate response. ok is false if it is not a Sync Info Message.
func decodeSyncInfo(frame []byte) (info syncInfo, ok bool, err error) {
	body, _, err := expect(frame, tagSequence, "message")
	if err != nil {
		return info, false, err
	}
	if _, body, err = expect(body, tagInteger, "message id"); err != nil {
		return info, false, err
	}
	if body, _, err = expect(body, tagIntermediate, "intermediate response"); err != nil {
		return info, false, err
	}
	const name, content = 0x80, 0x81
	oid, body, err := expect(body, name, "intermediate response's name")
	if err != nil || string(oid) != goldap.ControlTypeSyncInfo {
		return info, false, nil
	}
	value, _, err := expect(body, content, "sync info")
	if err != nil {
		return info, true, err
	}
	info, err = decodeSyncInfoValue(value)
	return info, true, err
}

func decodeSyncInfoValue(value []byte) (info syncInfo, err error) {
	tag, body, rest, err := element(value)
	if err != nil {
		return info, err
	}
	if len(rest) > 0 {
		return info, errors.New("sync info: bytes after its end")
	}
	info.kind = tag
	switch tag {
	case infoCookie:
		info.cookie = body
		return info, nil
	case infoDelete, infoPresent, infoIDSet:
	default:
		return info, fmt.Errorf("a sync info of kind 0x%02x, which RFC 4533 does not know", tag)
	}
	if len(body) > 0 && body[0] == tagOctets {
		if info.cookie, body, err = expect(body, tagOctets, "cookie"); err != nil {
			return info, err
		}
	}
	flag := tag != infoIDSet // the default
	if len(body) > 0 && body[0] == tagBoolean {
		var b []byte
		if b, body, err = expect(body, tagBoolean, "flag"); err != nil {
			return info, err
		}
		if len(b) != 1 {
			return info, errors.New("sync info: a flag that is none")
		}
		flag = b[0] != 0
	}
	if tag != infoIDSet {
		info.done = flag
	} else {
		info.deletes = flag
		if info.uuids, body, err = decodeUUIDs(body); err != nil {
			return info, err
		}
	}
	if len(body) > 0 {
		return info, errors.New("sync info: bytes after its end")
	}
	return info, nil
}

func decodeUUIDs(b []byte) (uuids [][16]byte, rest []byte, err error) {
	set, rest, err := expect(b, tagSet, "UUIDs")
	if err != nil {
		return nil, nil, err
	}
	for len(set) > 0 {
		var one []byte
		if one, set, err = expect(set, tagOctets, "UUID"); err != nil {
			return nil, nil, err
		}
		if len(one) != 16 {
			return nil, nil, fmt.Errorf("a UUID of %d bytes", len(one))
		}
		uuids = append(uuids, [16]byte(one))
	}
	return uuids, rest, nil
}
