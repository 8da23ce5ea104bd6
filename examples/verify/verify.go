// Receives Overwatch's webhooks and checks that each was signed with the endpoint's secret.
// Go 1.20 or newer and no modules:  SECRET=whsec_… PORT=8080 go run verify.go
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ---- copy from here: signingKey once, when the program starts; isGenuine for every request ----

const tolerance = 5 * time.Minute

// signingKey is the key inside a whsec_… secret; an error means that the secret was cut or mistyped.
func signingKey(secret string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || !strings.HasPrefix(secret, "whsec_") || len(key) < 24 {
		return nil, errors.New("the secret must be whsec_ followed by base64, exactly as Overwatch showed it")
	}
	return key, nil
}

// isGenuine is true when body, the bytes as they came, was signed with the key and sent within the last five minutes.
func isGenuine(key []byte, header http.Header, body []byte, now time.Time) bool {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseUint(timestamp, 10, 40)
	age := now.Sub(time.Unix(int64(seconds), 0))
	if id == "" || err != nil || age > tolerance || age < -tolerance {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	// Several signatures come while a secret is being rotated; one that matches suffices.
	for _, signature := range strings.Split(header.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(signature), expected) {
			return true
		}
	}
	return false
}

// ---- to here; the rest is a small server around it ----

const bodyLimitBytes, rememberedIDs = 1 << 20, 10_000

type receiver struct {
	key   []byte
	mutex sync.Mutex
	seen  map[string]bool
	order []string
}

func (r *receiver) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(answer, request.Body, bodyLimitBytes))
	switch {
	case err != nil:
		answer.WriteHeader(http.StatusRequestEntityTooLarge)
	case !isGenuine(r.key, request.Header, body, time.Now()):
		answer.WriteHeader(http.StatusUnauthorized)
	default:
		r.handleOnce(request.Header.Get("webhook-id"), body)
		answer.WriteHeader(http.StatusNoContent)
	}
}

// handleOnce prints an event as one line of JSON; a retry has the id of the first try and does nothing twice.
func (r *receiver) handleOnce(id string, body []byte) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.seen[id] {
		return
	}
	var event any = string(body) // a text template makes a body that is not JSON
	if json.Valid(body) {
		event = json.RawMessage(body)
	}
	line, _ := json.Marshal(map[string]any{"id": id, "event": event})
	fmt.Println(string(line))
	r.seen[id] = true
	if r.order = append(r.order, id); len(r.order) > rememberedIDs {
		delete(r.seen, r.order[0])
		r.order = r.order[1:]
	}
}

func environment(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func main() {
	key, err := signingKey(os.Getenv("SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(environment("HOST", "127.0.0.1"), environment("PORT", "8080")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Listening on http://%s\n", listener.Addr())
	server := &http.Server{Handler: &receiver{key: key, seen: map[string]bool{}}, ReadTimeout: 30 * time.Second}
	log.Fatal(server.Serve(listener))
}
