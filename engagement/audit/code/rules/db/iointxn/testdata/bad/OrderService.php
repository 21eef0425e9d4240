<?php

class OrderService
{
    public function pay(Order $order): void
    {
        DB::transaction(function () use ($order) {
            $order->save();
            Http::timeout(3)->post('https://hooks.example.com', ['id' => $order->id]); // want: db.io-in-txn
            Mail::to($order->email)->send(new Paid($order)); // want: db.io-in-txn
        });
    }
}
