"""A small scenario as files, for tests that spoil, translate or extend one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "scenario.toml": 'title = "Quay"\nprice_year = 2025\n',
    "facilities.csv": (
        "facility,name,sector,lat,lon\nA,Øster Mølle,10.61,55.7,11.1\nB,Works,23.52,55.7,11.2\nC,Tip,38.21,55.8,11.1\n"
    ),
    "materials.csv": (
        "material,unit,state,disposal_class\n"
        "ash,t,solid,non_hazardous\ndust,t,solid,inert\nstone,t,solid,\nheat,MWh,heat,\n"
    ),
    "streams.csv": "stream,facility,material,supply_per_yr\ns1,A,ash,100\ns2,A,heat,50\n",
    "demands.csv": "demand,facility,material,need_per_yr,virgin_eur_per_unit\nd1,B,stone,80,30\nd2,B,heat,40,60\n",
    "substitutions.csv": "from_material,to_material,ratio\ndust,stone,0.9\n",
    "technologies.csv": "technology,opex_eur_per_unit\nmill,3\n",
    "recipes.csv": "technology,input,output,yield\nmill,ash,dust,0.8\n",
    "plants.csv": "plant,facility,technology,status,capacity_per_yr\np1,B,mill,existing,500\n",
    "disposals.csv": "disposal,facility,route,gate_fee_eur_per_unit\ntip,C,landfill,40\n",
    "modes.csv": "mode,network,eur_per_tkm,detour\ntruck,road,0.1,1.3\npipe,pipe,0,1\n",
    "periods.csv": (
        "period,year,share_of_year\nsummer,2030,0.5\nwinter,2030,0.5\nsummer31,2031,0.5\nwinter31,2031,0.5\n"
    ),
}


def lay(folder: Path, **changed: str | bytes | None) -> Path:
    """Write the scenario into a folder, with some files changed (``streams_csv="..."``) or left out (None)."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, str | bytes | None] = dict(FILES)
    for name, text in changed.items():
        stem, _, ending = name.rpartition("_")
        files[f"{stem}.{ending}"] = text
    for name, text in files.items():
        if text is not None:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
