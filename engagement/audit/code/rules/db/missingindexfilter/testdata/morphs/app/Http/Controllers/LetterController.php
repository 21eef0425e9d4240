<?php

namespace App\Http\Controllers;

use App\Models\Letter;

class LetterController
{
    public function show($id)
    {
        $letter = Letter::findOrFail($id);

        return $letter->scans()->where('pages', 3)->get();
    }
}
