package sync

import ()

// administratorsRemedy is the guide's next step, and the one that follows it here.
const administratorsRemedy = "Create a user in the directory with the same e-mail address as the administrator, or take the role away in the cloud. " +
	"The link of such a user is withheld: let it go on by dirbridge confirm WHO."
