package control

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/lab"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/learn"
)

// learnRoutes are the exercises of waxseal learn.
func (a *API) learnRoutes(c *mux.Router) {
	c.HandleFunc("/learn", a.handle.Of(a.listExercises)).Methods(http.MethodGet)
	c.HandleFunc("/learn/hint", a.handle.Of(a.showHint)).Methods(http.MethodGet)
	c.HandleFunc("/learn/start", a.handle.Of(a.startExercise)).Methods(http.MethodPost)
	c.HandleFunc("/learn/check", a.handle.Of(a.checkExercise)).Methods(http.MethodPost)
	c.HandleFunc("/learn/remove", a.handle.Of(a.removeExercise)).Methods(http.MethodPost)
}

// exerciseView is an exercise as the control API shows it. Its hints are counted: who
// wants them asks for one after the other.
type exerciseView struct {
	Number  int    `json:"number"`
	Name    string `json:"name"`
	Title   string `json:"title"`
	Domain  string `json:"domain"`
	Story   string `json:"story"`
	Goal    string `json:"goal"`
	Minutes int    `json:"minutes"`
	Hints   int    `json:"hints"`
}

// listExercises answers the exercises as they are in the default account and region, which
// it names, and which of them is under way.
func (a *API) listExercises(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	all, err := learn.All()
	if err != nil {
		return err
	}
	rt := a.config.Runtime()
	name, err := lab.Current(r.Context(), rt)
	if err != nil {
		return err
	}
	var current *string
	if name != "" {
		current = &name
	}
	views := []exerciseView{}
	for _, e := range all {
		e = e.In(rt.Account(), a.config.Region)
		views = append(views, exerciseView{e.Number, e.Name, e.Title, e.Domain, e.Story, e.Goal, e.Minutes, len(e.Hints)})
	}
	web.Answer(w, http.StatusOK, map[string]any{"exercises": views, "current": current, "account": rt.Account(), "region": a.config.Region})
	return nil
}

// showHint answers one hint of an exercise.
func (a *API) showHint(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, "exercise", "number")
	if err != nil {
		return err
	}
	e, err := a.exerciseNamed(query.Get("exercise"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(query.Get("number"))
	if err != nil || n < 1 {
		return web.Refused(http.StatusBadRequest, "number is a positive number, not %q", query.Get("number"))
	}
	if n > len(e.Hints) {
		return web.Refused(http.StatusNotFound, "%s has %d hints", e.Name, len(e.Hints))
	}
	web.Answer(w, http.StatusOK, map[string]string{"hint": e.Hints[n-1]})
	return nil
}

// exercise is the one that the body of a request names, in the default account and region.
func (a *API) exercise(r *http.Request) (*learn.Exercise, error) {
	if _, err := web.Parameters(r); err != nil {
		return nil, err
	}
	var in struct{ Exercise string }
	if err := web.Decode(r, &in); err != nil {
		return nil, err
	}
	return a.exerciseNamed(in.Exercise)
}

func (a *API) exerciseNamed(name string) (*learn.Exercise, error) {
	all, err := learn.All()
	if err != nil {
		return nil, err
	}
	found := learn.Find(all, name)
	if found == nil {
		return nil, web.Refused(http.StatusNotFound, "there is no exercise %q", name)
	}
	return found.In(a.config.Runtime().Account(), a.config.Region), nil
}

func (a *API) startExercise(w http.ResponseWriter, r *http.Request) error {
	e, err := a.exercise(r)
	if err != nil {
		return err
	}
	made, err := lab.Start(r.Context(), a.config.Runtime(), e)
	if err != nil {
		return labError(err)
	}
	web.Answer(w, http.StatusOK, map[string]any{"exercise": e.Name, "made": made})
	return nil
}

func (a *API) checkExercise(w http.ResponseWriter, r *http.Request) error {
	e, err := a.exercise(r)
	if err != nil {
		return err
	}
	report, err := lab.Check(r.Context(), a.config.Runtime(), e, web.BaseURL(r))
	if err != nil {
		return labError(err)
	}
	web.Answer(w, http.StatusOK, report)
	return nil
}

func (a *API) removeExercise(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	if err := lab.Remove(r.Context(), a.config.Runtime()); err != nil {
		return labError(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// labError is a conflict where the state is not such that something can be done.
func labError(err error) error {
	if refused, ok := errors.AsType[*lab.Refused](err); ok {
		return web.Refused(http.StatusConflict, "%v", refused)
	}
	return err
}
