"""Everything wrong in a scenario is named with file, row, column, value and fix; nothing ends in a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scenario_files import lay

from isopt.errors import ScenarioError
from isopt.scenario import read

if TYPE_CHECKING:
    from pathlib import Path

# The rule that is broken, the files that break it, and every line of the answer.
MALFORMED: list[tuple[str, dict[str, str | bytes | None], list[str]]] = [
    (
        "a number is written in digits",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,forty\n"},
        ['streams.csv row 2 supply_per_yr "forty" is not a number'],
    ),
    (
        "a number is finite",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,inf\n"},
        ['streams.csv row 2 supply_per_yr "inf" is not a finite number; leave the cell empty where there is no limit'],
    ),
    (
        "a missing number is an empty cell",
        {"streams_csv": "stream,facility,material,supply_per_yr,own_disposal_eur_per_unit\ns1,A,ash,100,n/a\n"},
        ['streams.csv row 2 own_disposal_eur_per_unit "n/a" is not a number; leave the cell empty where there is none'],
    ),
    (
        "thousands are not parted by commas",
        {"streams_csv": 'stream,facility,material,supply_per_yr\ns1,A,ash,"1,234.5"\n'},
        ['streams.csv row 2 supply_per_yr "1,234.5" has a thousands separator; write 1234.5'],
    ),
    (
        "thousands are not parted by blanks",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,12 500\n"},
        ['streams.csv row 2 supply_per_yr "12 500" has a thousands separator; write 12500'],
    ),
    (
        "thousands are not parted by dots",
        {"streams_csv": "stream;facility;material;supply_per_yr\ns1;A;ash;1.234,5\n"},
        ['streams.csv row 2 supply_per_yr "1.234,5" has a thousands separator; write 1234.5'],
    ),
    (
        "a comma before three digits is ambiguous",
        {"streams_csv": 'stream,facility,material,supply_per_yr\ns1,A,ash,"1,234"\n'},
        ['streams.csv row 2 supply_per_yr "1,234" can be read in two ways; write 1234 or 1.234'],
    ),
    (
        "a dot before three digits is ambiguous beside decimal commas",
        {"streams_csv": "stream;facility;material;supply_per_yr\ns1;A;ash;2,5\ns2;A;heat;1.234\n"},
        [
            'streams.csv row 3 supply_per_yr "1.234" can be read in two ways, as this table writes decimal commas; write 1234 or 1,234'
        ],
    ),
    (
        "a share is no percentage",
        {"plants_csv": "plant,facility,technology,status,capacity_per_yr,min_load_share\np1,B,mill,existing,500,60%\n"},
        ['plants.csv row 2 min_load_share "60%" is not a number; write 0.6'],
    ),
    (
        "a number carries no unit",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,95 t\n"},
        ['streams.csv row 2 supply_per_yr "95 t" is not a number; write 95 alone'],
    ),
    (
        "a number is not too large to hold",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,1e999\n"},
        ['streams.csv row 2 supply_per_yr "1e999" is too large a number'],
    ),
    (
        "a required cell is filled",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,\n"},
        ["streams.csv row 2 supply_per_yr is required and empty"],
    ),
    (
        "an id is filled",
        {"streams_csv": "stream,facility,material,supply_per_yr\n,A,ash,100\n"},
        ["streams.csv row 2 stream is required and empty"],
    ),
    (
        "a flag is true or false",
        {"streams_csv": "stream,facility,material,supply_per_yr,must_place\ns1,A,ash,100,maybe\n"},
        ['streams.csv row 2 must_place "maybe" is not true or false'],
    ),
    (
        "a choice is one of its words",
        {"disposals_csv": "disposal,facility,route\ntip,C,landfil\n"},
        [
            'disposals.csv row 2 route "landfil" is not one of landfill, incineration, sewer, other; did you mean "landfill"?'
        ],
    ),
    (
        "an existing plant or a candidate, nothing else",
        {"plants_csv": "plant,facility,technology,status,capacity_per_yr\np1,B,mill,planned,500\n"},
        ['plants.csv row 2 status "planned" is not one of existing, candidate'],
    ),
    (
        "a list is parted by semicolons",
        {"modes_csv": 'mode,states\ntruck,"solid,liquid"\n'},
        ['modes.csv row 2 states "solid,liquid" has commas; separate several values by ;'],
    ),
    (
        "a year is a whole number",
        {"periods_csv": "period,year\na,2030.5\n"},
        ["periods.csv row 2 year 2030.5 is not a whole number"],
    ),
    (
        "an amount is not negative",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,-4\n"},
        ["streams.csv row 2 supply_per_yr -4 must be at least 0"],
    ),
    (
        "a share is at most 1",
        {
            "demands_csv": "demand,facility,material,need_per_yr,virgin_eur_per_unit,max_byproduct_share\nd1,B,stone,80,30,1.5\n"
        },
        ["demands.csv row 2 max_byproduct_share 1.5 must be at least 0 and at most 1"],
    ),
    (
        "a ratio is above 0",
        {"substitutions_csv": "from_material,to_material,ratio\ndust,stone,0\n"},
        ["substitutions.csv row 2 ratio 0 must be above 0"],
    ),
    (
        "a trip costs something or nothing",
        {"modes_csv": "mode,vehicle_t,eur_per_trip\ntruck,20,-5\n"},
        ["modes.csv row 2 eur_per_trip -5 must be at least 0"],
    ),
    (
        "a loss is a share",
        {"modes_csv": "mode,loss_share_per_km\ntruck,2\n"},
        ["modes.csv row 2 loss_share_per_km 2 must be at least 0 and at most 1"],
    ),
    (
        "a latitude lies on the globe",
        {"facilities_csv": "facility,lat,lon\nA,95.7,11\nB,55,11\nC,55,11\n"},
        ["facilities.csv row 2 lat 95.7 must be between -90 and 90; are lat and lon exchanged?"],
    ),
    (
        "latitude and longitude keep their places",
        {"facilities_csv": "facility,lat,lon\nA,111.5,55.7\nB,55,11\nC,55,11\n"},
        ["facilities.csv row 2 lat 111.5 must be between -90 and 90; are lat and lon exchanged?"],
    ),
    (
        "projected coordinates name their system",
        {"facilities_csv": "facility,lat,lon\nA,6176000,55.7\nB,55,11\nC,55,11\n"},
        ["facilities.csv row 2 lat 6176000 must be between -90 and 90; is it in a projected system? Then fill crs"],
    ),
    (
        "a place has both coordinates or none",
        {"facilities_csv": "facility,lat,lon\nA,55.7,\nB,55,11\nC,55,11\n"},
        ["facilities.csv row 2 lon is empty though the other coordinate is filled"],
    ),
    (
        "a coordinate system is a known code",
        {"facilities_csv": "facility,lat,lon,crs\nA,400000,400000,EPSG:99999\nB,55,11,\nC,55,11,\n"},
        [
            'facilities.csv row 2 crs "EPSG:99999" is not a known coordinate reference system; write WGS84 or a code such as EPSG:27700'
        ],
    ),
    (
        "a coordinate system is a code and no file",
        {"facilities_csv": "facility,lat,lon,crs\nA,55,11,+init=/etc/passwd:1\nB,55,11,\nC,55,11,\n"},
        [
            'facilities.csv row 2 crs "+init=/etc/passwd:1" is not a coordinate reference system; write WGS84 or a code such as EPSG:27700'
        ],
    ),
    (
        "projected coordinates lie in their system's area",
        {"facilities_csv": "facility,lat,lon,crs\nA,1e12,1e12,EPSG:27700\nB,55,11,\nC,55,11,\n"},
        [
            "facilities.csv row 2 lat 1e+12 lies outside the area of EPSG:27700",
            "facilities.csv row 2 lon 1e+12 lies outside the area of EPSG:27700",
        ],
    ),
    (
        "a column is known",
        {"streams_csv": "stream,facility,material,supply_per_yr,own_disposal_eur\ns1,A,ash,100,5\n"},
        [
            'streams.csv row 1 own_disposal_eur "own_disposal_eur" is no column of streams; did you mean "own_disposal_eur_per_unit"?'
        ],
    ),
    (
        "a header does not rename the unit",
        {"demands_csv": "demand,facility,material,need_mwh_per_yr\nd1,B,stone,80\n"},
        ['demands.csv row 1 need_mwh_per_yr "need_mwh_per_yr" is no column of demands; did you mean "need_per_yr"?'],
    ),
    (
        "a price carries no currency",
        {"modes_csv": "mode,eur_per_tkm\ntruck,0.1 EUR\n"},
        ['modes.csv row 2 eur_per_tkm "0.1 EUR" is not a number; write 0.1 alone'],
    ),
    (
        "a required column is there",
        {"streams_csv": "stream,facility,supply_per_yr\ns1,A,100\n"},
        ["streams.csv row 1 material is required and missing"],
    ),
    (
        "a header is not repeated",
        {"streams_csv": "stream,facility,material,supply_per_yr,supply_per_yr\ns1,A,ash,100,7\n"},
        ["streams.csv row 1 supply_per_yr stands twice in the header"],
    ),
    (
        "a column with values has a name",
        {"streams_csv": "stream,facility,material,supply_per_yr,\ns1,A,ash,100,7\n"},
        ['streams.csv row 1 column 5 has values (such as "7") but no name'],
    ),
    (
        "a row is no longer than its header",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,100,7\n"},
        ['streams.csv row 2 has more cells than the header has columns: "7" is left over'],
    ),
    (
        "a quotation mark is closed",
        {"streams_csv": 'stream,facility,material,supply_per_yr\ns1,A,"ash,100\n'},
        ["streams.csv row 2 can't be read as CSV (unexpected end of data); is a quotation mark left open?"],
    ),
    (
        "a file is text",
        {"streams_csv": b"stream\x81,facility\n\x8d\n"},
        ["streams.csv is not text in UTF-8, UTF-16 or Windows-1252; save it as CSV UTF-8"],
    ),
    (
        "a table has a known name",
        {"streams_csv": None, "stream_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,100\ns2,A,heat,50\n"},
        ['stream.csv "stream" is no table; did you mean "streams"?'],
    ),
    (
        "a required table is there",
        {
            "materials_csv": None,
            "streams_csv": None,
            "substitutions_csv": None,
            "demands_csv": None,
            "recipes_csv": None,
        },
        [
            "materials.csv is missing or has no rows; every scenario needs it",
            'plants.csv row 2 technology "mill" has no recipe in recipes.csv',
        ],
    ),
    (
        "something flows or is needed or made",
        {"streams_csv": None, "demands_csv": None, "plants_csv": None},
        ["streams.csv is missing or has no rows, and so are demands and plants; a scenario needs one of them"],
    ),
    (
        "an id is unique",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,100\ns1,A,heat,50\n"},
        ['streams.csv row 3 stream "s1" is in row 2 already'],
    ),
    (
        "keys of several columns are unique together",
        {"substitutions_csv": "from_material,to_material,ratio,sectors\ndust,stone,0.9,23\ndust,stone,0.8,23\n"},
        [
            'substitutions.csv row 3 from_material "dust", "stone", "23" (from_material, to_material, sectors) are in row 2 already'
        ],
    ),
    (
        "a recipe is given once",
        {"recipes_csv": "technology,input,output,yield\nmill,ash,dust,0.8\nmill,ash,dust,0.7\n"},
        ['recipes.csv row 3 technology "mill", "ash", "dust" (technology, input, output) are in row 2 already'],
    ),
    (
        "a facility is known",
        {"demands_csv": "demand,facility,material,need_per_yr,virgin_eur_per_unit\nd1,b,stone,80,30\n"},
        ['demands.csv row 2 facility "b" is not in facilities.csv; did you mean "B"?'],
    ),
    (
        "a material is known",
        {"streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ashes,100\n"},
        ['streams.csv row 2 material "ashes" is not in materials.csv; did you mean "ash"?'],
    ),
    (
        "a technology is known",
        {"plants_csv": "plant,facility,technology,status,capacity_per_yr\np1,B,mil,existing,500\n"},
        ['plants.csv row 2 technology "mil" is not in technologies.csv; did you mean "mill"?'],
    ),
    (
        "a mode is known",
        {"links_csv": "from_facility,to_facility,mode,distance_km\nA,B,truk,5\n"},
        ['links.csv row 2 mode "truk" is not in modes.csv; did you mean "truck"?'],
    ),
    (
        "a unit is t, m3 or MWh",
        {"materials_csv": "material,unit\nash,kg\ndust,t\nstone,t\nheat,MWh\n"},
        ['materials.csv row 2 unit "kg" is not one of t, m3, MWh; write t and multiply the amounts by 0.001'],
    ),
    (
        "a unit has a known name",
        {"materials_csv": "material,unit\nash,tonns\ndust,t\nstone,t\nheat,MWh\n"},
        ['materials.csv row 2 unit "tonns" is not one of t, m3, MWh; did you mean "tonnes"?'],
    ),
    (
        "an amount is in the unit of its material",
        {"demands_csv": "demand,facility,material,need_per_yr,unit\nd1,B,stone,80,MWh\nd2,B,heat,40,MWh/yr\n"},
        ['demands.csv row 2 unit MWh is not the unit of "stone", which is measured in t'],
    ),
    (
        "a tonne weighs a tonne",
        {"materials_csv": "material,unit,t_per_unit\nash,t,0.5\ndust,t,\nstone,t,\nheat,MWh,\n"},
        ["materials.csv row 2 t_per_unit must be 1, or empty, for a material measured in t"],
    ),
    (
        "accepted materials are parted by semicolons",
        {"disposals_csv": 'disposal,facility,accepts\ntip,C,"ash,dust"\n'},
        [
            'disposals.csv row 2 accepts "ash,dust" is no material, List of Waste code or disposal class; separate several by ;'
        ],
    ),
    (
        "a waste code is in the List of Waste",
        {"materials_csv": "material,unit,ewc\nash,t,17 06 0l\ndust,t,\nstone,t,\nheat,MWh,\n"},
        ['materials.csv row 2 ewc "17 06 0l" is not a List of Waste code; did you mean "17 06 01*"?'],
    ),
    (
        "what a disposal accepts is known",
        {"disposals_csv": "disposal,facility,route,accepts\ntip,C,landfill,ash;non-hazardous\n"},
        [
            'disposals.csv row 2 accepts "non-hazardous" is no material, List of Waste code or disposal class; did you mean "non_hazardous"?'
        ],
    ),
    (
        "what a rule speaks of is known",
        {"rules_csv": "material,allowed\n99 88,false\n"},
        ['rules.csv row 2 material "99 88" is no material and no List of Waste code'],
    ),
    (
        "a tax class is known",
        {"disposals_csv": "disposal,facility,route,tax_class\ntip,C,landfill,toxic\n"},
        ['disposals.csv row 2 tax_class "toxic" is not one of inert, non_hazardous, hazardous, none'],
    ),
    (
        "an output has a yield",
        {"recipes_csv": "technology,input,output,yield\nmill,ash,dust,\n"},
        ["recipes.csv row 2 yield is empty; an output needs one"],
    ),
    (
        "a recipe has an input or an output",
        {"recipes_csv": "technology,input,output,yield\nmill,ash,dust,0.8\nmill,,,\n"},
        ["recipes.csv row 3 input and output are both empty"],
    ),
    (
        "inputs of a technology share one unit",
        {"recipes_csv": "technology,input,output,yield\nmill,ash,dust,0.8\nmill,heat,,\n"},
        ['recipes.csv row 3 input "heat" is measured in MWh and "ash" in t; the inputs of "mill" must share one unit'],
    ),
    (
        "a plant's technology has recipes",
        {"recipes_csv": None},
        ['plants.csv row 2 technology "mill" has no recipe in recipes.csv'],
    ),
    (
        "a mix speaks of inputs",
        {"mixes_csv": "technology,input,max_share\nmill,stone,0.5\n"},
        ['mixes.csv row 2 input "stone" is no input of "mill"; its inputs are "ash"'],
    ),
    (
        "least shares leave room for each other",
        {
            "recipes_csv": "technology,input,output,yield\nmill,ash,dust,0.8\nmill,stone,dust,0.8\n",
            "mixes_csv": "technology,input,min_share\nmill,ash,0.7\nmill,stone,0.6\n",
        },
        ['mixes.csv row 3 min_share the least shares of "mill" add up to 1.3, above 1'],
    ),
    (
        "a least share is not above the largest",
        {"mixes_csv": "technology,input,min_share,max_share\nmill,ash,0.7,0.5\n"},
        ["mixes.csv row 2 min_share 0.7 is above max_share 0.5"],
    ),
    (
        "a least load needs a capacity",
        {"plants_csv": "plant,facility,technology,status,min_load_share\np1,B,mill,existing,0.5\n"},
        ["plants.csv row 2 min_load_share needs a capacity: fill capacity_per_yr or max_capacity_per_yr"],
    ),
    (
        "a plant is not enlarged to less than it has",
        {
            "plants_csv": "plant,facility,technology,status,capacity_per_yr,max_capacity_per_yr\np1,B,mill,candidate,500,400\n"
        },
        ["plants.csv row 2 capacity_per_yr 500 is above max_capacity_per_yr 400"],
    ),
    (
        "a building window does not end before it begins",
        {"plants_csv": "plant,facility,technology,status,build_from,build_until\np1,B,mill,candidate,2031,2030\n"},
        ["plants.csv row 2 build_from 2031 is above build_until 2030"],
    ),
    (
        "a lagged output finds its season",
        {
            "recipes_csv": "technology,input,output,yield,lag_yr\nmill,ash,dust,0.8,1\n",
            "periods_csv": "period,year,share_of_year\na,2030,0.5\nb,2030,0.5\nc,2031,1\n",
        },
        [
            "recipes.csv row 2 lag_yr 1 leads from 2030 with 2 periods to 2031 with one period; it needs the same season there"
        ],
    ),
    (
        "a priced trip has a load",
        {"modes_csv": "mode,eur_per_trip\ntruck,100\n"},
        ["modes.csv row 2 vehicle_t is empty; eur_per_trip needs the load of a vehicle"],
    ),
    (
        "a priced trip of a link has a load",
        {"links_csv": "from_facility,to_facility,mode,eur_per_trip\nA,B,truck,90\n"},
        ['links.csv row 2 eur_per_trip needs vehicle_t of mode "truck" in modes.csv'],
    ),
    (
        "a priced trip of all modes has a load in each",
        {"links_csv": "from_facility,to_facility,eur_per_trip\nA,B,90\n"},
        [
            'links.csv row 2 eur_per_trip needs vehicle_t of mode "truck" in modes.csv (the row holds for every mode; name one)'
        ],
    ),
    (
        "a required link has a mode",
        {"links_csv": "from_facility,to_facility,material,status\nA,B,ash,required\n"},
        ["links.csv row 2 mode is empty; a required link needs one"],
    ),
    (
        "a required link has a material or is shared",
        {"links_csv": "from_facility,to_facility,mode,status\nA,B,truck,required\n"},
        ["links.csv row 2 material is empty; a required link needs one, or shared = true"],
    ),
    (
        "a lot is not above the largest amount",
        {"links_csv": "from_facility,to_facility,min_per_yr,max_per_yr\nA,B,50,40\n"},
        ["links.csv row 2 min_per_yr 50 is above max_per_yr 40"],
    ),
    (
        "a property belongs to a stream or a plant",
        {"qualities_csv": "stream,plant,property,value\ns1,p1,moisture,0.2\n"},
        ["qualities.csv row 2 stream and plant are both filled; fill one of them"],
    ),
    (
        "a property's material is an output",
        {"qualities_csv": "plant,material,property,value\np1,stone,moisture,0.2\n"},
        ['qualities.csv row 2 material "stone" is no output of plant "p1"'],
    ),
    (
        "a limit limits",
        {"quality_limits_csv": "demand,property\nd1,moisture\n"},
        ["quality_limits.csv row 2 min and max are both empty; fill one of them or both"],
    ),
    (
        "a stock stands at one place",
        {"stocks_csv": "plant,facility,material\n,,ash\n"},
        ["stocks.csv row 2 plant and facility are both empty; fill one of them"],
    ),
    (
        "a stock at a plant holds an input of it",
        {"stocks_csv": "plant,material\np1,dust\n"},
        ['stocks.csv row 2 material "dust" is no input of plant "p1"'],
    ),
    (
        "a limit of a technology is on an input of it",
        {"quality_limits_csv": "technology,input,property,max\nmill,stone,moisture,0.2\n"},
        ['quality_limits.csv row 2 input "stone" is no input of "mill"'],
    ),
    (
        "a property is of the stream's own material",
        {"qualities_csv": "stream,material,property,value\ns1,heat,moisture,0.2\n"},
        ['qualities.csv row 2 material "heat" is not the material of stream "s1", which is "ash"'],
    ),
    (
        "a property is given once",
        {"qualities_csv": "stream,property,value\ns1,moisture,0.2\ns1,moisture,0.3\n"},
        ['qualities.csv row 3 stream "s1", "moisture" (stream, property) are in row 2 already'],
    ),
    (
        "a stock serves something",
        {"stocks_csv": "facility,material\nC,ash\n"},
        ['stocks.csv row 2 material "C" has no stream and no demand of "ash" that the stock could serve'],
    ),
    (
        "a stock serves one stream",
        {
            "streams_csv": "stream,facility,material,supply_per_yr\ns1,A,ash,100\ns3,A,ash,70\ns2,A,heat,50\n",
            "stocks_csv": "facility,material\nA,ash\n",
        },
        ['stocks.csv row 2 material "A" has 2 streams of "ash"; a stock serves one, so merge them'],
    ),
    (
        "a stock holds what it begins with",
        {"stocks_csv": "facility,material,capacity,initial\nA,ash,5,9\n"},
        ["stocks.csv row 2 initial 9 is above capacity 5"],
    ),
    (
        "seasons make a year",
        {"periods_csv": "period,year,share_of_year\na,2030,0.5\nb,2030,0.4\n"},
        ["periods.csv row 3 share_of_year the periods of 2030 add up to 0.9 of a year, not 1"],
    ),
    (
        "a change names a table",
        {"changes_csv": "table,id,column,period,value,factor,onward\nstream,s1,supply_per_yr,summer,5,,\n"},
        ['changes.csv row 2 table "stream" is no table; did you mean "streams"?'],
    ),
    (
        "a change names a row",
        {"changes_csv": "table,id,column,period,value,factor,onward\nstreams,s9,supply_per_yr,summer,5,,\n"},
        ['changes.csv row 2 id "s9" is not in streams'],
    ),
    (
        "a change names the whole key of a row",
        {"changes_csv": "table,id,column,period,value,factor,onward\nrecipes,mill|ash,yield,summer,0.7,,\n"},
        [
            'changes.csv row 2 id "mill|ash" is not in recipes (its keys are technology | input | output); did you mean "mill|ash|dust"?'
        ],
    ),
    (
        "a change names a column",
        {"changes_csv": "table,id,column,period,value,factor,onward\nstreams,s1,supply,summer,5,,\n"},
        ['changes.csv row 2 column "supply" is no column of streams; did you mean "supply_per_yr"?'],
    ),
    (
        "a change names a period",
        {"changes_csv": "table,id,column,period,value,factor,onward\nstreams,s1,supply_per_yr,sumer,5,,\n"},
        ['changes.csv row 2 period "sumer" is not in periods; did you mean "summer"?'],
    ),
    (
        "a change has a value or a factor",
        {"changes_csv": "table,id,column,period,value,factor,onward\nstreams,s1,supply_per_yr,summer,5,2,\n"},
        ["changes.csv row 2 value and factor are both filled; fill one of them"],
    ),
    (
        "capital cost does not change",
        {"changes_csv": "table,id,column,period,value,factor,onward\nplants,p1,capex_eur,summer,5,,\n"},
        ['changes.csv row 2 column "capex_eur" of plants can\'t change from period to period'],
    ),
    (
        "a yearly figure changes at the first period of its year",
        {"changes_csv": "table,id,column,period,value,factor,onward\ndisposals,tip,capacity_per_yr,winter,5,,\n"},
        ['changes.csv row 2 period "winter" is not the first period of 2030; a yearly figure changes in "summer"'],
    ),
    (
        "a change of the landfill tax names its class",
        {"changes_csv": "table,id,column,period,value,factor,onward\npolicy,landfill_tax_eur_per_t,,summer,5,,\n"},
        [
            "changes.csv row 2 column is empty; landfill_tax_eur_per_t is given by class: inert, non_hazardous, hazardous"
        ],
    ),
    (
        "a changed value keeps its range",
        {"changes_csv": "table,id,column,period,value,factor,onward\nstreams,s1,supply_per_yr,summer,-5,,\n"},
        ["changes.csv row 2 value -5 must be at least 0, as streams.supply_per_yr must"],
    ),
    (
        "a factor keeps the range",
        {"changes_csv": "table,id,column,period,value,factor,onward\ndemands,d1,max_byproduct_share,summer,,1.2,\n"},
        ["changes.csv row 2 factor makes 1.2 of demands.max_byproduct_share, which must be at least 0 and at most 1"],
    ),
    (
        "rules do not change",
        {"changes_csv": "table,id,column,period,value,factor,onward\nrules,1,permit_eur_per_yr,summer,5,,\n"},
        ["changes.csv row 2 table rows of rules have no id, so they can't change"],
    ),
    (
        "a text does not change",
        {"changes_csv": "table,id,column,period,value,factor,onward\nstreams,s1,facility,summer,5,,\n"},
        ['changes.csv row 2 column "facility" of streams holds no numbers'],
    ),
    (
        "a change of a row names a column",
        {"changes_csv": "table,id,column,period,value,factor,onward\ntechnologies,mill,,summer,5,,\n"},
        ["changes.csv row 2 column is empty; it names a column of technologies: opex_eur_per_unit, kgco2_per_unit"],
    ),
    (
        "a change names a policy key",
        {"changes_csv": "table,id,column,period,value,factor,onward\npolicy,carbon_prize_eur_per_t,,summer,5,,\n"},
        ['changes.csv row 2 id "carbon_prize_eur_per_t" is no key of [policy]; did you mean "carbon_price_eur_per_t"?'],
    ),
    (
        "a policy without classes has no class",
        {"changes_csv": "table,id,column,period,value,factor,onward\npolicy,carbon_price_eur_per_t,inert,summer,5,,\n"},
        ['changes.csv row 2 column "inert": carbon_price_eur_per_t has no classes; leave the cell empty'],
    ),
    (
        "a class of a changed tax is known",
        {"changes_csv": "table,id,column,period,value,factor,onward\npolicy,landfill_tax_eur_per_t,toxic,summer,5,,\n"},
        [
            'changes.csv row 2 column "toxic" is not a class; landfill_tax_eur_per_t is given by class: inert, non_hazardous, hazardous'
        ],
    ),
    (
        "a limit that is no yearly one does not change",
        {"changes_csv": "table,id,column,period,value,factor,onward\nlimits,plants,,summer,5,,\n"},
        ['changes.csv row 2 id "plants" can\'t change'],
    ),
    (
        "a change says when",
        {"changes_csv": "table,id,column,period,value,factor,onward\nstreams,s1,supply_per_yr,,5,,\n"},
        ["changes.csv row 2 period is required and empty"],
    ),
    (
        "the settings are TOML",
        {"scenario_toml": "[policy\n"},
        ["scenario.toml is not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 8)"],
    ),
    (
        "a key is known",
        {"scenario_toml": "[policy]\ncarbon_price = 75\n"},
        [
            'scenario.toml policy.carbon_price "carbon_price" is no key of [policy]; did you mean "carbon_price_eur_per_t"?'
        ],
    ),
    (
        "a section is known",
        {"scenario_toml": "[polcy]\ncarbon_price_eur_per_t = 75\n"},
        ["scenario.toml [polcy] is no section; did you mean [policy]?"],
    ),
    (
        "a key stands in its section",
        {"scenario_toml": "carbon_price_eur_per_t = 75\n"},
        ["scenario.toml carbon_price_eur_per_t belongs into the section [policy]"],
    ),
    (
        "a setting is a number",
        {"scenario_toml": '[policy]\ncarbon_price_eur_per_t = "75"\n'},
        ['scenario.toml policy.carbon_price_eur_per_t "75" is text, not a number; leave the quotes away'],
    ),
    (
        "a share of the settings is at most 1",
        {"scenario_toml": "[limits]\ndiversion_share = 70\n"},
        ["scenario.toml limits.diversion_share 70 must be at least 0 and at most 1"],
    ),
    (
        "a source of CO2 is known",
        {"scenario_toml": '[policy]\ncarbon_scope = ["transports"]\n'},
        [
            'scenario.toml policy.carbon_scope "transports" is not one of transport, disposal, virgin, treatment; did you mean "transport"?'
        ],
    ),
    (
        "an aim is known",
        {"scenario_toml": '[minimise]\nwhat = "costs"\n'},
        ['scenario.toml minimise.what "costs" is not one of cost, co2, landfilled, tonne_km; did you mean "cost"?'],
    ),
    (
        "a weight is of an aim",
        {"scenario_toml": "[minimise]\nweights = { carbon = 1 }\n"},
        ['scenario.toml minimise.weights "carbon" is not one of cost, co2, landfilled, tonne_km'],
    ),
    (
        "a landfill tax is given by class",
        {"scenario_toml": "[policy]\nlandfill_tax_eur_per_t = 95\n"},
        ["scenario.toml policy.landfill_tax_eur_per_t 95 is not given by class; write { inert = 95 }"],
    ),
    (
        "a factor names a column",
        {"scenario_toml": '[scale]\n"disposals.gate_fee" = 1.2\n'},
        [
            'scenario.toml scale.disposals.gate_fee "gate_fee" is no column of disposals; did you mean "gate_fee_eur_per_unit"?'
        ],
    ),
    (
        "a factor keeps shares shares",
        {"scenario_toml": '[scale]\n"demands.max_byproduct_share" = 1.2\n'},
        [
            "scenario.toml scale.demands.max_byproduct_share makes 1.2 of demands.max_byproduct_share, which must be at least 0 and at most 1"
        ],
    ),
    (
        "a section is a section",
        {"scenario_toml": "policy = 3\n"},
        ["scenario.toml policy is a section; write [policy] and its keys below it"],
    ),
    (
        "a truth value is true or false",
        {"scenario_toml": "[reach]\nonly_listed = 1\n"},
        ["scenario.toml reach.only_listed 1 is not true or false"],
    ),
    (
        "a title is text",
        {"scenario_toml": "title = 2030\n"},
        ["scenario.toml title 2030 is not text; put it in quotes"],
    ),
    (
        "a list is a list",
        {"scenario_toml": '[policy]\nlandfill_ban = "inert"\n'},
        ['scenario.toml policy.landfill_ban "inert" is not a list; write ["inert"]'],
    ),
    (
        "an aim is a word",
        {"scenario_toml": "[minimise]\nwhat = 3\n"},
        ["scenario.toml minimise.what 3 is not one of cost, co2, landfilled, tonne_km"],
    ),
    (
        "a count is a whole number",
        {"scenario_toml": "[limits]\nplants = 1.5\n"},
        ["scenario.toml limits.plants 1.5 is not a whole number"],
    ),
    (
        "a setting is finite",
        {"scenario_toml": "[limits]\nco2_t_per_yr = inf\n"},
        ["scenario.toml limits.co2_t_per_yr inf is not a finite number"],
    ),
    (
        "a setting is no truth value",
        {"scenario_toml": "[reach]\nmax_km = true\n"},
        ["scenario.toml reach.max_km true is not a number"],
    ),
    (
        "a key of another section says where it belongs",
        {"scenario_toml": "[limits]\nmax_km = 150\n"},
        ['scenario.toml limits.max_km "max_km" is no key of [limits]; it belongs into [reach]'],
    ),
    (
        "a key of nothing is named",
        {"scenario_toml": "titel = 'Quay'\n"},
        ['scenario.toml titel "titel" is no key of the file; did you mean "title"?'],
    ),
    (
        "a factor is a number",
        {"scenario_toml": '[scale]\n"disposals.gate_fee_eur_per_unit" = "1.2"\n'},
        ['scenario.toml scale.disposals.gate_fee_eur_per_unit "1.2" is text, not a number; leave the quotes away'],
    ),
    (
        "a factor has a table",
        {"scenario_toml": '[scale]\n"disposal.gate_fee_eur_per_unit" = 1.2\n"gate_fee" = 1.2\n'},
        [
            'scenario.toml scale.disposal.gate_fee_eur_per_unit "disposal" is no table; did you mean "disposals"?',
            'scenario.toml scale.gate_fee is not of the form "table.column" or "policy.key"',
        ],
    ),
    (
        "a factor changes amounts, not places",
        {"scenario_toml": '[scale]\n"facilities.lat" = 1.2\n"policy.carbon_scope" = 1.2\n"policy.carbon_prize" = 2\n'},
        [
            'scenario.toml scale.facilities.lat "lat" is nothing that a factor can change',
            'scenario.toml scale.policy.carbon_scope "carbon_scope" is nothing that a factor can change',
            'scenario.toml scale.policy.carbon_prize "carbon_prize" is no key of [policy]; did you mean "carbon_price_eur_per_t"?',
        ],
    ),
    (
        "the settings are text",
        {"scenario_toml": b'title = "\x81"\n'},
        ["scenario.toml is not text in UTF-8"],
    ),
    (
        "a base is there",
        {"scenario_toml": 'base = "../quey"\n'},
        [
            'scenario.toml base "../quey" is not there (a base is a path from the scenario\'s folder); did you mean "../quay"?'
        ],
    ),
    (
        "a base does not lead back",
        {"scenario_toml": 'base = "../quay"\n'},
        ['scenario.toml base "../quay" leads back to this scenario'],
    ),
]


@pytest.mark.parametrize(("rule", "files", "lines"), MALFORMED, ids=[rule for rule, _, _ in MALFORMED])
def test_each_broken_rule_gives_its_message(
    tmp_path: Path, rule: str, files: dict[str, str | bytes | None], lines: list[str]
):
    """A scenario that breaks one rule gives exactly the message of that rule, and no other follows from it."""
    folder = lay(tmp_path / "quay", **files)

    with pytest.raises(ScenarioError) as caught:
        read(folder)

    assert [str(problem) for problem in caught.value.problems] == lines


def test_the_scenario_that_the_table_spoils_is_itself_in_order(tmp_path: Path):
    """Without a broken rule there is neither a problem nor a warning."""
    assert read(lay(tmp_path / "quay")).warnings == ()
