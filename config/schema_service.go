package config

import "time"

func (c *Connector) fields() []field {
	return []field{
		{key: "name", ptr: &c.Name, def: hostName, check: on(&c.Name, checkFilled), how: true,
			page: "General", label: "Connector Name", read: AtStart,
			help:   "The name of this connector. Empty: the name of this machine.",
			doc:    "default: the host's name",
			usual:  "the host's name",
			manual: "names this connector"},
		{key: "log_level", ptr: &c.LogLevel, def: "info", oneOf: []string{"debug", "info", "warn", "error"},
			how:  true,
			page: "General", label: "Log level", read: AtStart,
			help: "Which events the event log keeps.",
			doc:  "default; debug, info, warn, error",
			manual: "`debug`, `info`, `warn` or `error`: the events from this level are stored in the event " +
				"log (see `dirbridge events`)"},
		{key: "state_dir", ptr: &c.StateDir, def: DefaultStateDir, check: on(&c.StateDir, checkFilled),
			file: true, how: true, read: AtStart,
			doc: "default by platform",
			usual: "`/var/lib/dirbridge`, or the user's state directory (Windows: " +
				"`%ProgramData%\\Dirbridge\\state`; macOS: `/Library/Application Support/Dirbridge/state` or the " +
				"user's)",
			manual: "folder of the state, readable only by its owner. Temporary files of a run are in `work` " +
				"below it"},
	}
}

func (s *Schedule) fields() []field {
	return []field{
		{key: "incremental_every", ptr: &s.IncrementalEvery, def: 10 * time.Minute,
			check: on(&s.IncrementalEvery, checkInterval), how: true, zero: "never",
			page: "Schedule", label: "Incremental every", read: ByService,
			help: "The time from the start of one run to the next incremental one. 0 turns it off.",
			doc:  "default; \"0s\" turns it off",
			manual: "time from the start of one run to the next incremental one, after the first successful " +
				"full run; `\"0s\"` turns it off; less than 100ms is refused"},
		{key: "full", ptr: &s.Full, how: true, times: true,
			page: "Schedule", label: "Full sync", read: ByService,
			help: "Days and times, such as Sun 02:00. Empty: no full sync.",
			doc:  `default: not scheduled; such as ["Sun 02:00"]`,
			manual: "times of full runs by the clock of this machine, e.g. `[\"Sun 02:00\", \"daily 23:30\"]`. " +
				"Each runs once, also when the clock is set forward (at that moment) or back (the first " +
				"time)"},
		{key: "failover_after", ptr: &s.FailoverAfter, def: 5 * time.Minute,
			check: on(&s.FailoverAfter, checkFailover), how: true, read: ByService,
			doc:    "default",
			manual: "how long another connector waits before it takes over; not used yet"},
	}
}

func (m *Metrics) fields() []field {
	return []field{
		{key: "listen", ptr: &m.Listen, check: m.check, how: true, read: ByService,
			doc:   "default: off; such as \"127.0.0.1:9464\", for Prometheus",
			usual: "`\"\"`: off",
			manual: "host and port, e.g. `\"127.0.0.1:9464\"`. Port 0 selects a free port; the event log names " +
				"it"},
		{key: "allow_remote", ptr: &m.AllowRemote, how: true, read: ByService,
			doc: "default; other hosts may reach listen, without TLS and password",
			manual: "allow a `listen` address that other hosts can reach. There is no TLS and no password, so" +
				" let only the monitoring system through"},
	}
}
