package fileserver

func (m *Module) ServeFile(c *gin.Context) {
	content := m.get(c)
	c.DataFromReader(200, content.Length, content.Type, content.Body, nil) // want: cache.no-http-cache
}

func (m *Module) ServeMedia(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "x", modified, body) // want: cache.no-http-cache
}
