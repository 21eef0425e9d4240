<?php

class Export
{
    public function handle()
    {
        Order::where('exported', false)->chunk(100, function ($orders) { // want: db.chunk-mutating
            foreach ($orders as $order) {
                $order->update(['exported' => true]);
            }
        });
        Order::where('state', 'old')->chunk(100, function ($orders) { // want: db.chunk-mutating
            foreach ($orders as $order) {
                $order->state = 'gone';
                $order->save();
            }
        });
        Order::where('exported', false)->chunkById(100, function ($orders) {
            foreach ($orders as $order) {
                $order->update(['exported' => true]);
            }
        });
        Order::where('state', 'new')->chunk(100, function ($orders) {
            foreach ($orders as $order) {
                $order->update(['seen' => true]);
            }
        });
    }
}
