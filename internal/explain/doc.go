// Package explain says why a call was allowed or denied, what became of a message,
// and which statements of the policies in force no request has exercised. It names
// everything that a denied call lacks, not only the first thing: what would come
// after it is decided again, with the policies as they are, and nothing is performed.
package explain

import "github.com/waxseal/waxseal/internal/runtime"

// Explainer explains what happened in a Runtime.
type Explainer struct{ *runtime.Runtime }
