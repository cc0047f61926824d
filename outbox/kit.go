package outbox

import "net/url"

// tracked is the address with the parameters added to its query.
func tracked(address, parameters string) string {
	u, err := url.Parse(address)
	if err != nil || parameters == "" {
		return address
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += parameters
	return u.String()
}
