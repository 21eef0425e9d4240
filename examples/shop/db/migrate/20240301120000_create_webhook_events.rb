class CreateWebhookEvents < ActiveRecord::Migration[7.1]
  def change
    create_table :webhook_events do |t|
      t.string :event_id, null: false
      t.jsonb :payload, null: false
      t.datetime :processed_at
      t.timestamps
    end
    add_index :webhook_events, :event_id, unique: true
    add_index :webhook_events, :processed_at
  end
end
