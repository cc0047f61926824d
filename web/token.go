package web

import (
	"crypto/rand"
	"crypto/sha256"
	"math"
	"net/http"
	"strconv"
	"strings"

	"handoff/workflow"
)

// tokenMark begins every token, so that whoever finds one, a scanner of repositories too, knows what it is.
const tokenMark = "handoff_"

// tokenLength is that of crypto/rand.Text, 130 bits in base32.
const tokenLength = len(tokenMark) + 26

// NewToken makes a secret for a program, and the sum that is kept of it. So much randomness needs neither salt nor a slow hash.
func NewToken() (secret string, sum []byte) {
	secret = tokenMark + rand.Text()
	return secret, tokenSum(secret)
}

func tokenSum(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// bearer is the secret in an Authorization header (RFC 6750, section 2.1), "" for none that could be ours.
func bearer(header string) string {
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.Trim(secret, " ")
	if !strings.EqualFold(scheme, "Bearer") || len(secret) != tokenLength || !strings.HasPrefix(secret, tokenMark) {
		return ""
	}
	return secret
}

// api has requests of that method and path done for whom their token names; others of the path are told which method it takes.
func (s *site) api(mux *http.ServeMux, method, path string, do func(http.ResponseWriter, *http.Request, workflow.Person) error) {
	mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		who, err := s.authorize(w, r)
		if err == nil {
			err = do(w, r, who)
		}
		if err != nil {
			s.refuse(w, r, err)
		}
	})
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", method)
		s.refuse(w, r, workflow.Errorf(wrongMethod, "this address takes %s, not %s", method, r.Method))
	})
}

// authorize is for whom the request's token acts, as long as it does not come too often. The secret is looked up by its hash,
// so that how long that takes tells nothing about it.
func (s *site) authorize(w http.ResponseWriter, r *http.Request) (workflow.Person, error) {
	var none workflow.Person
	header := r.Header.Get("Authorization")
	if header == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Handoff"`)
		return none, workflow.Errorf(unauthorized, `a token is missing: send "Authorization: Bearer" with one of "handoff token add"`)
	}
	token, who, err := s.holder(r)
	if workflow.CodeOf(err) == workflow.NotFound {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Handoff", error="invalid_token"`)
		return none, workflow.Errorf(unauthorized, `this token does not count, or not any more: make one with "handoff token add"`)
	}
	if err != nil {
		return none, err
	}
	if wait := s.limit.take(token.ID); wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		return none, workflow.Errorf(tooMany, "too many requests with this token: try again in %d s", seconds)
	}
	return who, nil
}

// holder is the request's token and whose it is; workflow.NotFound also for who has left the team.
func (s *site) holder(r *http.Request) (workflow.Token, workflow.Person, error) {
	var nobody workflow.Person
	secret := bearer(r.Header.Get("Authorization"))
	if secret == "" {
		return workflow.Token{}, nobody, workflow.Errorf(workflow.NotFound, "the header has no token")
	}
	token, err := s.Directory.TokenBySum(r.Context(), tokenSum(secret))
	if err != nil {
		return token, nobody, err
	}
	who, err := s.Directory.Person(r.Context(), token.PersonID)
	if err == nil && !who.LeftAt.IsZero() {
		err = workflow.Errorf(workflow.NotFound, "%s has left", who.Name)
	}
	return token, who, err
}
