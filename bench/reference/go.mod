module irk.example/reference

go 1.19
