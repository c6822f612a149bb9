package app

// helpParagraphs returns the console's help. "# " starts a heading.
func helpParagraphs() []string {
	return []string{
		"Dirbridge reads people and groups from the directory, compares them with the cloud, shows every field that will " +
			"change, and writes exactly that.",
		"# The pages",
		"  1 Dashboard: what runs, what comes next, what was last, and what the cloud holds.",
		"  2 Object Selection: which containers, users and groups take part. Space ticks, f edits the filter, which is " +
			"tried while you type.",
		"  3 User Attribute Mapping: which directory attributes make each cloud attribute, tried on three people, and on " +
			"whom you name.",
		"  4 Dry Run: every change with old value, new value, reason and cause. Left and Right go from kind to kind, g " +
			"groups by cause, t by attribute, Space and x leave out, s saves the results, a writes them.",
		"  5 Events: what happened, with the remedy where something went wrong.",
		"  6 History: the last runs, and what each of them wrote.",
		"  7 Settings: General, Policy, Guards, Schedule and Cloud. Left and Right go through the sections, a applies the " +
			"changes, t tests the connection to the cloud.",
		"  8 Check: what of the directory's data would be left alone or may surprise, before anything is synchronized.",
		"  9 Purge Queue: who is deactivated and waits for the purge; kept, released, or purged now.",
		"# Finding what can be done",
		"  ? lists the keys of the page. The line at the bottom shows the most important ones; those in brackets cannot " +
			"be used now, and say why when they are pressed.",
		"  : or Ctrl+P finds any command by a few letters of its name.",
		"  F10 or Alt+A opens the menus, Alt+H the Help menu, F9 what the page can do. Arrows and Enter choose, or the " +
			"letter at the left: Alt+A S F starts a full synchronization, Alt+A S I an incremental one, Alt+A D a dry run. " +
			"If Alt does not work in your terminal, press Esc and then the letter.",
		"  1 to 9, [ and ] go from page to page, Tab and Shift+Tab from panel to panel. Esc goes back, or takes a message " +
			"away. / finds or filters.",
		"# A first synchronization",
		"  1. Check (page 8, r) tells which data is invalid, missing or duplicated.",
		"  2. Choose what takes part on page 2 and where values come from on page 3; a shows what the choice does to the " +
			"scope, and saves it to the configuration file or makes a dry run of it first.",
		"  3. d makes a dry run. It reads both sides and writes nothing. Look at it on page 4.",
		"  4. a on page 4 writes exactly what the dry run showed; a full synchronization (f on page 1) reads anew, plans " +
			"and writes.",
		"# Marks",
		"  + added or reactivated   ~ changed   - taken away   = matched   ! a problem   ? not known to the directory",
		"  > at the left is the line under the cursor, brackets are around the page in front. Colour is never " +
			"the only cue.",
		"# The terminal",
		"  Ctrl+L draws the screen anew. Ctrl+G changes between lines and ASCII characters. Themes and the mouse are " +
			"among the commands (:).",
		"  Closing the window or losing the line never tears a write apart: the run stops between two writes, and the " +
			"next one goes on from there.",
	}
}

// asked is a question of administrators with its answer.
type asked struct {
	question string
	answer   []string
}

// questionsAsked returns the FAQ, the most frequent question first.
func questionsAsked() []asked {
	return []asked{
		{"Why is somebody missing in the cloud?", []string{
			"dirbridge explain WHO tells it of one person or group: found where, in scope or not and why, mapped to what, " +
				"matched with which account, and what happens next. It writes nothing. Or look here, in this order:",
			"  1. In scope? Page 2: the container must be ticked, and neither the filter nor the exclusions may leave the " +
				"person out.",
			"  2. A problem? Page 4, kind Problems (or page 8 before any run): a missing or invalid required attribute, or a " +
				"mail address that two people have. Nobody with a problem is created; an account that is there already is left " +
				"alone.",
			"  3. Planned and not written? Page 6, Enter on the last run: the write may have failed or been skipped, with " +
				"the reason. It is tried again by the next run.",
			"  4. Not read yet? An incremental run takes only what changed; a full synchronization reads everything.",
			"A person who was disabled in the directory is there, and inactive.",
		}},
		{"What does HELD mean?", []string{
			"A guard looked at the whole plan before the first write and found what looks like a mistake: more removals than " +
				"the delete threshold, an empty or sharply smaller directory, last administrators, and the like. A held plan " +
				"writes nothing at all.",
			"Page 4 says which guard, how many are concerned and what they have in common; g groups the changes by cause. If " +
				"the cause is a mistake, mend it and make a new dry run. If it is meant, o overrides the holds once, for " +
				"exactly the numbers that you type; w shows all of them. Some holds can never be overridden.",
		}},
		{"How do I take something back?", []string{
			"Before it was written: leave the change out with Space on page 4, or many with x, or undo your edits on pages " +
				"2, 3 and 7 with u (U does them again).",
			"After it was written: dirbridge undo RUN plans the reverse of that run, by its number on page 6: values, names, " +
				"memberships and activation as they were. It lists what cannot be restored and writes nothing; open its plan on " +
				"page 4 (p), or dirbridge apply it. Switch synchronization off first (Actions, Synchronization Mode), or the " +
				"next run may do the same again.",
			"Or correct the directory: whoever left the scope or the directory was deactivated, not deleted. Bring the " +
				"person or the container back into scope and synchronize: the same account is reactivated, with its spaces, as " +
				"long as it was not purged. Values follow the directory again with the next run.",
			"Page 6, Enter shows what a run wrote, field by field.",
		}},
		{"How are existing cloud accounts taken over?", []string{
			"An account is matched to a person by the remembered link, then by its external id, then by its name (the mail " +
				"address as a rule), without regard to letter case. A match changes nothing by itself; mapped attributes then " +
				"follow the directory, and attributes that are not mapped are never touched.",
			"Make a dry run first: Matched counts the accounts that are taken over, Unmatched those that no person in the " +
				"directory belongs to. If the names differ, correct the mail in the directory or the name in the cloud before " +
				"the first synchronization.",
			"Where the ways disagree it is a Problem, and nothing is chosen.",
		}},
		{"Somebody has an account outside the organization. How is it converted?", []string{
			"Who signed up for the free version, or was invited to a space before, has an account elsewhere with the same " +
				"address: adding the person is refused as a naming conflict, nothing is deleted, and it is planned again with " +
				"each run. To take the account over:",
			"  1. Actions, Synchronization Mode, Disable Synchronization.",
			"  2. Convert the user to your organization in Control Hub.",
			"  3. Make a dry run, and check that converted people are matched: neither added nor removed.",
			"  4. Actions, Synchronization Mode, Enable Synchronization.",
		}},
		{"What becomes of accounts that the directory does not know?", []string{
			"They are unmatched. They are listed on page 4 and left alone, unless policy.on_unmatched says otherwise: " +
				"\"deactivate\" deactivates them and keeps them, \"remove\" mirrors the directory: they are deactivated, and " +
				"purged after the grace period, which begins once a full run has succeeded. Accounts that were inactive before " +
				"and groups are left alone. Full administrators are never removed, whatever the policy says. Accounts that are " +
				"meant to be there can be named by rule, with a reason ([[unmanaged]] in the configuration file).",
		}},
		{"What happens to somebody who leaves?", []string{
			"The account is deactivated, and purged after the grace period (policy.purge_after, 7 days if not set). Until " +
				"then, who comes back is reactivated with everything. Purged people lose all their spaces, and that cannot be " +
				"undone.",
			"Page 9 shows who waits, and until when; K keeps somebody back, with a reason. dirbridge purge --list does the " +
				"same.",
			"Accounts that the directory disabled are deactivated and wait for no purge while their entry is there. Once it " +
				"is gone too, they wait and are purged like all others who left.",
		}},
		{"Does a dry run change anything?", []string{
			"No. It reads both sides and writes its plan to a file of its own. What it shows is what applying it does: " +
				"whoever changed in the meantime is skipped and named.",
		}},
		{"What is the difference between full and incremental?", []string{
			"A full synchronization reads everything on both sides. An incremental one reads what changed in the directory " +
				"since the last run; it needs one full synchronization that succeeded. Where the changes alone would not do, it " +
				"reads everything and says why.",
		}},
		{"Does closing the console stop a synchronization?", []string{
			"A run that was started here belongs to this process: quitting asks first, and it stops between two writes. What " +
				"was not done stays to be done, and the next run goes on from there. A lost line or a closed window does the " +
				"same without asking.",
			"dirbridge run, the service, needs no console and is not stopped by one.",
		}},
		{"A person was renamed or moved. Is the account re-created?", []string{
			"No. A person is known by the object's GUID. Renames, moves, new mail addresses and two people who swap theirs " +
				"are updates of the same accounts.",
		}},
		{"What does a write without an answer mean?", []string{
			"The line or the program broke after a change was sent and before the cloud answered. Nothing is repeated " +
				"blindly: the next run looks in the cloud what became of it, and goes on.",
		}},
		{"Why does Enter not start anything dangerous?", []string{
			"What takes something away asks for a phrase with the number in it, such as \"apply 312\". It is the number that " +
				"the plan shows: if it surprises you, it is the wrong plan.",
		}},
		{"The screen shows odd characters. What can I do?", []string{
			"Ctrl+G draws with ASCII characters alone, Ctrl+L draws the screen anew. dirbridge --ascii starts so; it is " +
				"chosen by itself where LANG or LC_ALL are not UTF-8 and on the Linux console and vt terminals. " +
				"--no-term-queries asks the terminal nothing, --theme mono uses no colour, --no-mouse leaves the mouse to the " +
				"terminal.",
		}},
		{"How do I look without being able to change anything?", []string{
			"dirbridge --read-only. Everything that would start, save or change something is switched off, and says so.",
		}},
		{"Who starts the synchronizations of the schedule?", []string{
			"dirbridge run, the service, while synchronization is enabled (Actions, Synchronization Mode). It can be enabled " +
				"once a dry run has shown what the saved configuration would do. Disabling stops whatever the schedule would " +
				"start; what you start by hand is done either way.",
		}},
		{"Where are the settings?", []string{
			"In one file (Help, About has its path). The console edits it and leaves your comments alone. It holds no " +
				"secrets, only where they are. dirbridge config check names every mistake in it by line.",
		}},
	}
}
