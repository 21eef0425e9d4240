package fileserver

func (m *Module) ServeFile(c *gin.Context) {
	content := m.get(c)
	c.DataFromReader(200, content.Length, content.Type, content.Body, map[string]string{"Cache-Control": "max-age=604800"})
}

func (m *Module) ServeMedia(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	http.ServeContent(w, r, "x", modified, body)
}

func (m *Module) ExportFile(c *gin.Context) {
	c.DataFromReader(200, n, "text/csv", body, map[string]string{"Content-Disposition": "attachment; filename=x.csv"})
}
