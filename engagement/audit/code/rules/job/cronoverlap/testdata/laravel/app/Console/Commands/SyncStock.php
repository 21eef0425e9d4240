<?php

namespace App\Console\Commands;

use Illuminate\Console\Command;

class SyncStock extends Command
{
    protected $signature = 'stock:sync';

    public function handle(Warehouse $warehouse)
    {
        foreach (Product::all() as $product) {
            $product->update(['stock' => $warehouse->ask($product->sku)]);
        }
    }
}
