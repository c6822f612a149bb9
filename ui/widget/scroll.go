package widget

// Scroll is the position in a block of text that is longer than its space.
type Scroll struct{ top int }

// Key scrolls by the keys that every list has. It returns false for any other key.
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

// Top returns the first visible line.
func (s *Scroll) Top() int { return s.top }

// Sees reports whether a line is visible in height lines.
func (s *Scroll) Sees(line, height int) bool { return line >= s.top && line < s.top+height }

// Lines returns the visible lines, at most height.
func (s *Scroll) Lines(all []string, height int) []string {
	s.top = max(min(s.top, len(all)-height), 0)
	return all[s.top:min(s.top+max(height, 0), len(all))]
}
