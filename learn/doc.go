// Package learn holds the exercises of waxseal learn, as data. Each is a folder NN-name:
//
//   - exercise.yaml: title, domain (of DVA-C02, by its official name), minutes, story, goal,
//     three hints, wrong (what is often believed, optional), and makes: the names of what
//     the learner is asked to create, which goes together with the start state;
//   - start.yaml: fixtures;
//   - before.yaml, optional: calls that the root user makes then;
//   - checks.yaml: what must hold at the end, as calls and what has to become of them;
//   - answer.sh and answer.md: a model answer, and why it is one;
//   - wrong-1.sh and so on: plausible answers that must fail, for the tests. Their first
//     line says what is wrong with them.
//
// The files name account 123456789012 and region us-east-1; In puts others in their place.
package learn
