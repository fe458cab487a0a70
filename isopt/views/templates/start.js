return isoptMap(map, data);
