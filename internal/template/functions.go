package template

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// pair are the two arguments of Join, Split and Select.
func pair(n *Node) (first, second *Node, ok bool) {
	if n.Kind != List || len(n.Items) != 2 {
		return nil, nil, false
	}
	return n.Items[0], n.Items[1], true
}

// join resolves Fn::Join. [C135]
func (r *resolver) join(n *Node, at Position) (*Node, error) {
	delimiter, list, ok := pair(n)
	if !ok || delimiter.Kind != String {
		return nil, misused(at, badJoin)
	}
	all, err := r.value(list)
	switch {
	case err != nil:
		return nil, err
	case all != nil && all.Kind == Unknown:
		return &Node{Kind: Unknown}, nil
	case all == nil || all.Kind != List:
		return nil, misused(at, badJoin)
	}
	var b builder
	for i, item := range all.Items {
		if i > 0 {
			b.WriteString(delimiter.Text)
		}
		if !b.add(item) {
			return nil, misused(at, badJoin)
		}
		if err := r.spend(at, len(delimiter.Text)+len(item.shown())); err != nil {
			return nil, err
		}
	}
	made := b.node(at)
	if made.Kind == Unknown { // of which AWS shows no part [C084]
		made.Text = ""
	}
	return made, r.static(made)
}

// split resolves Fn::Split. [C136]
func (r *resolver) split(n *Node, at Position) (*Node, error) {
	delimiter, text, ok := pair(n)
	if !ok || delimiter.Kind != String || delimiter.Text == "" {
		return nil, misused(at, badSplit)
	}
	value, err := r.value(text)
	switch {
	case err != nil:
		return nil, err
	case value != nil && value.Kind == Unknown:
		return &Node{Kind: Unknown}, nil
	case !value.Scalar():
		return nil, misused(at, badSplit)
	}
	parts := Texts(strings.Split(value.Text, delimiter.Text)...)
	return parts, r.spend(at, len(value.Text)+16*len(parts.Items))
}

// pick resolves Fn::Select. [C137] [C138]
func (r *resolver) pick(n *Node, at Position) (*Node, error) {
	first, second, ok := pair(n)
	if !ok {
		return nil, misused(at, badSelect)
	}
	number, err := r.value(first)
	if err != nil {
		return nil, err
	}
	list, err := r.value(second)
	switch {
	case err != nil:
		return nil, err
	case number == nil || list == nil:
		return nil, misused(at, badSelect)
	case number.Kind == Unknown || list.Kind == Unknown:
		return &Node{Kind: Unknown}, nil
	}
	index, ok := number.Integer()
	if !ok || list.Kind != List {
		return nil, misused(at, badSelect)
	}
	if index >= 0 && index < len(list.Items) {
		return list.Items[index], nil
	}
	if second.Kind == List {
		return nil, misused(at, badSelect)
	}
	return nil, misused(at, "Fn::Select  cannot select nonexistent value at index %d", index)
}

// findInMap resolves Fn::FindInMap. [C139] [C114]
func (r *resolver) findInMap(n *Node, at Position) (*Node, error) {
	keys, fallback, err := r.mapKeys(n, at)
	if err != nil {
		return nil, err
	}
	var names [3]string
	for i, key := range keys {
		value, err := r.value(key)
		switch {
		case err != nil:
			return nil, err
		case value != nil && value.Kind == Unknown:
			return &Node{Kind: Unknown}, nil
		case !value.Scalar():
			return nil, misused(at, badFindInMap)
		}
		names[i] = value.Text
	}
	mapping := r.i.t.Mappings.Get(names[0])
	if found := mapping.Get(names[1]).Get(names[2]); found != nil {
		return placed(found, at), r.spend(at, len(found.Text)+16*len(found.Items))
	}
	switch {
	case fallback != nil:
		return r.value(fallback)
	case mapping == nil:
		return nil, misused(at, "Mapping named '%s' is not present in the 'Mappings' section of template.", names[0])
	case r.i.static: // it may be in a branch, or a resource, that is not taken
		return &Node{Kind: Unknown}, nil
	}
	return nil, misused(at, "Unable to get mapping for %s::%s::%s", names[0], names[1], names[2])
}

// mapKeys are the three keys and what counts where they find nothing. Without the language
// extensions keys are texts, Ref and FindInMap.
func (r *resolver) mapKeys(n *Node, at Position) (keys []*Node, fallback *Node, err error) {
	extended := r.i.t.extended
	if n.Kind == List && len(n.Items) == 4 && extended {
		fallback = n.Items[3].Get("DefaultValue")
		if fallback == nil || len(n.Items[3].Members) != 1 {
			return nil, nil, misused(at, badFindInMap)
		}
		n = &Node{Kind: List, Items: n.Items[:3]}
	}
	if n.Kind != List || len(n.Items) != 3 {
		return nil, nil, misused(at, badFindInMap)
	}
	for _, key := range n.Items {
		name, _, isFunction := function(key)
		if !key.Scalar() && !(isFunction && (extended || name == "Ref" || name == "Fn::FindInMap")) {
			return nil, nil, misused(at, badFindInMap)
		}
	}
	return n.Items, fallback, nil
}

// base64 resolves Fn::Base64. [C140]
func (r *resolver) base64(n *Node, at Position) (*Node, error) {
	value, err := r.value(n)
	switch {
	case err != nil:
		return nil, err
	case value != nil && value.Kind == Unknown:
		return &Node{Kind: Unknown}, nil
	case !value.Scalar():
		return nil, misused(at, badBase64)
	}
	return r.text(at, base64.StdEncoding.EncodeToString([]byte(value.Text)))
}

// zones resolves Fn::GetAZs. [C141]
func (r *resolver) zones(n *Node, at Position) (*Node, error) {
	region, err := r.value(n)
	switch {
	case err != nil:
		return nil, err
	case region != nil && region.Kind == Unknown:
		return &Node{Kind: Unknown}, nil
	case !region.Scalar():
		return nil, misused(at, badGetAZs)
	case r.i.static:
		return &Node{Kind: Unknown}, nil
	}
	if region.Text != "" && region.Text != r.i.scope.Region || r.i.scope.Zones == nil {
		return &Node{Kind: List}, nil
	}
	all := slices.Sorted(slices.Values(r.i.scope.Zones(r.i.scope.Region)))
	return Texts(all...), r.spend(at, 16*len(all))
}

// maxBlocks is how many Fn::Cidr yields.
const maxBlocks = 256

// cidr resolves Fn::Cidr. [C142]
func (r *resolver) cidr(n *Node, at Position) (*Node, error) {
	if n.Kind != List || len(n.Items) < 2 || len(n.Items) > 3 {
		return nil, misused(at, badCidr)
	}
	var texts []string
	for _, item := range n.Items {
		value, err := r.value(item)
		switch {
		case err != nil:
			return nil, err
		case value != nil && value.Kind == Unknown:
			return &Node{Kind: Unknown}, nil
		case !value.Scalar():
			return nil, misused(at, badCidr)
		}
		texts = append(texts, value.Text)
	}
	block, err := netip.ParsePrefix(texts[0])
	if err != nil {
		return nil, misused(at, "Fn::Cidr: %s is not a CIDR block", texts[0])
	}
	count, err := strconv.Atoi(texts[1])
	if err != nil || count < 1 || count > maxBlocks {
		return nil, misused(at, "Fn::Cidr: the number of blocks must be between 1 and %d", maxBlocks)
	}
	bits := smallest(block, count)
	if len(texts) == 3 {
		if bits, err = strconv.Atoi(texts[2]); err != nil {
			return nil, misused(at, "Fn::Cidr: %s is no number of bits", texts[2])
		}
	}
	all, ok := blocks(block.Masked(), count, bits)
	if !ok {
		return nil, misused(at, "Fn::Cidr: %s has no %d blocks of %d bits", texts[0], count, bits)
	}
	return Texts(all...), r.spend(at, 16*count)
}

// smallest is how many bits the blocks have that divide block into count.
func smallest(block netip.Prefix, count int) int {
	bits := block.Addr().BitLen() - block.Bits()
	for parts := 1; parts < count; parts *= 2 {
		bits--
	}
	return bits
}

// blocks are the first count blocks within a block whose hosts have so many bits.
func blocks(within netip.Prefix, count, bits int) ([]string, bool) {
	length := within.Addr().BitLen()
	prefix := length - bits
	if bits < 0 || prefix < within.Bits() || prefix > length {
		return nil, false
	}
	if parts := prefix - within.Bits(); parts < 9 && count > 1<<parts {
		return nil, false
	}
	address := new(big.Int).SetBytes(within.Addr().AsSlice())
	step := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	var all []string
	for range count {
		a, _ := netip.AddrFromSlice(address.FillBytes(make([]byte, length/8)))
		all = append(all, netip.PrefixFrom(a, prefix).String())
		address.Add(address, step)
	}
	return all, true
}

// length resolves Fn::Length. [C154]
func (r *resolver) length(n *Node, at Position) (*Node, error) {
	list, err := r.value(n)
	switch {
	case err != nil:
		return nil, err
	case list != nil && list.Kind == Unknown:
		return &Node{Kind: Unknown}, nil
	case list == nil || list.Kind != List:
		return nil, layout(at, "Fn::Length")
	}
	return &Node{Kind: Number, Text: strconv.Itoa(len(list.Items)), At: at}, nil
}

// toJSON resolves Fn::ToJsonString. [C155]
func (r *resolver) toJSON(n *Node, at Position) (*Node, error) {
	value, err := r.value(n)
	switch {
	case err != nil:
		return nil, err
	case value == nil || value.Kind != List && value.Kind != Map && value.Kind != Unknown:
		return nil, layout(at, "Fn::ToJsonString")
	case value.Kind == Unknown:
		return value, nil
	}
	made, err := r.text(at, value.JSON())
	if err == nil && unknownWithin(value) {
		made.Kind = Unknown
	}
	return made, err
}

func unknownWithin(n *Node) bool {
	return n.Kind == Unknown || slices.ContainsFunc(n.Items, unknownWithin) ||
		slices.ContainsFunc(n.Members, func(m Member) bool { return unknownWithin(m.Value) })
}
