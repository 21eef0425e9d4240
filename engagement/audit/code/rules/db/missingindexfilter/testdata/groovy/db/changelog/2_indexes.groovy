databaseChangeLog = {
    changeSet(author: "shop", id: "1") {
        createIndex(indexName: "devices_serial", tableName: "devices") { column(name: "serial_number") }
    }
}
