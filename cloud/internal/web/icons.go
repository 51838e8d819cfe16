package web

import "html/template"

// icon draws one of the sprite's symbols; beside it there is always a word.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="i" aria-hidden="true"><use href="#i-` + template.HTMLEscapeString(name) + `"/></svg>`) //nolint:gosec // escaped
}

// categories are those of the goods that have an icon of their own.
var categories = map[string]string{
	"water": "water", "soft-drink": "can", "tea": "tea", "coffee": "coffee", "sports": "bolt", "juice": "juice", "dairy": "milk",
	"alcohol": "glass", "bakery": "bread", "confectionery": "sweet", "fresh": "apple", "fresh-meal": "bento", "household": "tissue",
	"instant": "noodles", "pantry": "jar", "snack": "chips",
}

// categoryIcon stands for goods without a photograph.
func categoryIcon(category string) template.HTML { return icon(categorySymbol(category)) }

func categorySymbol(category string) string {
	if name, known := categories[category]; known {
		return "g-" + name
	}
	return "g-box"
}
