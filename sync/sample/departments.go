package sample

// department is an entry of the organization chart. weight is its share of the teams, ou the path
// of its container.
type department struct {
	name, number string
	weight       int
	ou           string
	head         string // title of its head
	titles       []string
}

func departments() []department {
	return []department{
		{"Platform Engineering", "4100", 9, "Staff/Engineering/Platform", "VP Platform Engineering",
			[]string{"Software Engineer", "Senior Software Engineer", "Staff Engineer", "Site Reliability Engineer"}},
		{"Applications", "4200", 12, "Staff/Engineering/Applications", "VP Applications",
			[]string{"Software Engineer", "Senior Software Engineer", "Product Designer", "Test Engineer", "Mobile Engineer"}},
		{"Quality", "4300", 5, "Staff/Engineering/Quality", "Director of Quality",
			[]string{"Test Engineer", "Senior Test Engineer", "Release Manager"}},
		{"Research", "4400", 4, "Staff/Research", "Chief Scientist",
			[]string{"Research Scientist", "Senior Research Scientist", "Data Analyst", "Laboratory Technician"}},
		{"Product Management", "4500", 4, "Staff/Product", "Chief Product Officer",
			[]string{"Product Manager", "Senior Product Manager", "Technical Writer"}},
		{"Sales EMEA", "5100", 11, "Staff/Sales EMEA", "VP Sales EMEA",
			[]string{"Account Executive", "Account Manager", "Sales Engineer", "Sales Operations Analyst"}},
		{"Sales Americas", "5200", 10, "Staff/Sales Americas", "VP Sales Americas",
			[]string{"Account Executive", "Account Manager", "Sales Engineer", "Inside Sales Representative"}},
		{"Sales APAC", "5300", 8, "Staff/Sales APAC", "VP Sales APAC",
			[]string{"Account Executive", "Account Manager", "Sales Engineer", "Channel Manager"}},
		{"Marketing", "5400", 6, "Staff/Marketing", "Chief Marketing Officer",
			[]string{"Marketing Manager", "Content Designer", "Events Coordinator", "Brand Manager"}},
		{"Customer Care", "6100", 13, "Staff/Customer Care", "VP Customer Care",
			[]string{"Support Engineer", "Senior Support Engineer", "Customer Success Manager", "Service Desk Analyst"}},
		{"Logistics", "6200", 7, "Staff/Operations/Logistics", "Director of Logistics",
			[]string{"Logistics Planner", "Warehouse Supervisor", "Buyer", "Customs Specialist"}},
		{"Facilities", "6300", 3, "Staff/Operations/Facilities", "Director of Facilities",
			[]string{"Facilities Technician", "Office Manager", "Receptionist"}},
		{"Finance", "7100", 5, "Staff/Finance", "Chief Financial Officer",
			[]string{"Accountant", "Financial Analyst", "Payroll Specialist", "Controller"}},
		{"Human Resources", "7200", 4, "Staff/Human Resources", "Chief People Officer",
			[]string{"HR Business Partner", "Recruiter", "Training Specialist"}},
		{"Legal", "7300", 2, "Staff/Legal", "General Counsel", []string{"Legal Counsel", "Contract Manager", "Paralegal"}},
		{"Information Technology", "7400", 6, "Staff/IT", "Chief Information Officer",
			[]string{"Systems Administrator", "Network Engineer", "Identity Engineer", "Security Analyst"}},
	}
}

// Names of departments and containers that the sample refers to.
const (
	itDepartment      = "Information Technology"
	executiveOU       = "Staff/Executive"
	contractorsOU     = "Staff/Contractors"
	serviceAccountsOU = "Service Accounts"
	groupsOU          = "Groups"
)

// teamSize is the number of people in a team; the first of them is its lead.
const teamSize = 8

// team returns the team of person i. Person 0 is the chief executive, and the next len(depts)
// people head the departments: they have none.
func (c *Company) team(i int) (team, seat int, ok bool) {
	i -= 1 + len(c.depts)
	if i < 0 {
		return 0, 0, false
	}
	return i / teamSize, i % teamSize, true
}

// teamDepartment is drawn by weight.
func (c *Company) teamDepartment(team int) int {
	total := 0
	for _, d := range c.depts {
		total += d.weight
	}
	n := c.pick(forTeam, uint64(team), total)
	for i, d := range c.depts {
		if n < d.weight {
			return i
		}
		n -= d.weight
	}
	return 0
}

// department returns that of person i; -1 for the chief executive.
func (c *Company) department(i int) int {
	if team, _, ok := c.team(i); ok {
		return c.teamDepartment(team)
	}
	return i - 1
}

// manager returns that of person i, always with a lower index: the lead of the team; for a lead,
// one of the department's earlier leads; for these, its head.
func (c *Company) manager(i int) int {
	team, seat, ok := c.team(i)
	switch {
	case i == 0:
		return -1
	case !ok:
		return 0
	case seat > 0:
		return i - seat
	}
	d := c.teamDepartment(team)
	if c.pick(forTeam, uint64(team)+1<<32, 4) > 0 {
		for t := team - 1; t >= max(0, team-40); t-- {
			if c.teamDepartment(t) == d {
				return 1 + len(c.depts) + t*teamSize
			}
		}
	}
	return 1 + d
}
