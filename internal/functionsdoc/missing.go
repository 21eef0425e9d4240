package main

// missing are the functions of Excel that the engine does not have, by the reason.
var missing = []struct{ names, why string }{
	{"CUBEKPIMEMBER CUBEMEMBER CUBEMEMBERPROPERTY CUBERANKEDMEMBER CUBESET CUBESETCOUNT CUBEVALUE",
		"They ask an OLAP server or the data model of the workbook, which no part of the sheets holds."},
	{"GETPIVOTDATA", "It reads what a pivot table shows, whose layout is not computed here."},
	{"GROUPBY PIVOTBY", "Their defaults for headers, totals and order are not stated precisely enough to be right in all cases; a wrong total would go unnoticed."},
	{"FORECAST.ETS FORECAST.ETS.CONFINT FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT",
		"Excel does not publish how it fits the weights of the smoothing, and no other fit gives the same figures."},
	{"WEBSERVICE STOCKHISTORY TRANSLATE DETECTLANGUAGE COPILOT IMAGE IMPORTTEXT IMPORTCSV RTD",
		"They fetch something from outside of the workbook; a calculation here depends on the file alone."},
	{"CALL REGISTER.ID EUROCONVERT", "They run code of add-ins and libraries of the user's machine. So do the user's own functions and those of macros."},
	{"FILTERXML", "It needs XPath over XML, which is no part of the engine."},
	{"PHONETIC", "It shows the reading of Japanese text, which stands beside the text and is not read."},
}
