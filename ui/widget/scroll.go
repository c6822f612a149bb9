package widget

// Scroll is where a block of text stands that is longer than its room.
type Scroll struct{ top int }

// Key moves by the keys that every list knows. False: not one of them.
func (s *Scroll) Key(key string, height int) bool {
	page := max(height-1, 1)
	switch key {
	case "up", "k":
		s.top--
	case "down", "j":
		s.top++
	case "pgup":
		s.top -= page
	case "pgdown", "space":
		s.top += page
	case "home":
		s.top = 0
	case "end", "G":
		s.top = 1 << 30
	default:
		return false
	}
	return true
}

// Top is the first line to be seen.
func (s *Scroll) Top() int { return s.top }

// Sees says whether a line is among those to be seen in height lines.
func (s *Scroll) Sees(line, height int) bool { return line >= s.top && line < s.top+height }

// Lines are those to be seen in height lines.
func (s *Scroll) Lines(all []string, height int) []string {
	s.top = max(min(s.top, len(all)-height), 0)
	return all[s.top:min(s.top+max(height, 0), len(all))]
}
